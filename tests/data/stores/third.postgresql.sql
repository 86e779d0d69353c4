SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.audit (
    id integer NOT NULL,
    event text NOT NULL,
    chain bytea NOT NULL
);
CREATE TABLE public.projects (
    id integer NOT NULL,
    name character varying(32) NOT NULL,
    created double precision NOT NULL,
    derived_with integer NOT NULL,
    sealed_with integer NOT NULL,
    counter integer NOT NULL,
    terms text NOT NULL
);
CREATE SEQUENCE public.projects_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.projects_id_seq OWNED BY public.projects.id;
CREATE TABLE public.properties (
    name character varying(40) NOT NULL,
    value character varying(200) NOT NULL
);
CREATE TABLE public.series (
    id integer NOT NULL,
    study integer NOT NULL,
    new_uid character varying(64) NOT NULL,
    sealed bytea NOT NULL
);
CREATE SEQUENCE public.series_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.series_id_seq OWNED BY public.series.id;
CREATE TABLE public.studies (
    id integer NOT NULL,
    subject integer NOT NULL,
    project integer NOT NULL,
    new_uid character varying(64) NOT NULL,
    sealed bytea NOT NULL,
    created double precision NOT NULL
);
CREATE SEQUENCE public.studies_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.studies_id_seq OWNED BY public.studies.id;
CREATE TABLE public.subjects (
    id integer NOT NULL,
    project integer NOT NULL,
    look_up bytea NOT NULL,
    pseudonym character varying(64) NOT NULL,
    number integer NOT NULL,
    sealed bytea NOT NULL,
    created double precision NOT NULL,
    given_name character varying(64),
    given_days integer,
    name_token bytea NOT NULL,
    birth_token bytea NOT NULL,
    merged_into integer
);
CREATE SEQUENCE public.subjects_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.subjects_id_seq OWNED BY public.subjects.id;
ALTER TABLE ONLY public.projects ALTER COLUMN id SET DEFAULT nextval('public.projects_id_seq'::regclass);
ALTER TABLE ONLY public.series ALTER COLUMN id SET DEFAULT nextval('public.series_id_seq'::regclass);
ALTER TABLE ONLY public.studies ALTER COLUMN id SET DEFAULT nextval('public.studies_id_seq'::regclass);
ALTER TABLE ONLY public.subjects ALTER COLUMN id SET DEFAULT nextval('public.subjects_id_seq'::regclass);
INSERT INTO public.audit VALUES (1, '{"at": "2026-11-25T20:09:05.367+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.232656601839087839476586511738468018942", "what": "anonymize", "who": "root"}', '\x744e89b3bf49410443d6e941c2e568e0324a0b8e4faba7b7c26c40043ab272da');
INSERT INTO public.audit VALUES (2, '{"at": "2026-11-25T20:09:05.436+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.259502807539421993462563034334163199065", "what": "anonymize", "who": "root"}', '\x68a5a4bfbeab5c378bb439701b4f5ec6b2dc92e2a0e345dc5c666cd4dd08a3d3');
INSERT INTO public.audit VALUES (3, '{"at": "2026-11-25T20:09:05.492+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.92931132551540057696252167540698272437", "what": "anonymize", "who": "root"}', '\xf02d354bd1b2585927628ad12a66959d61a0913685e19b3b845e0f2999b4562b');
INSERT INTO public.audit VALUES (4, '{"at": "2026-11-25T20:09:05.551+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.142738447695627566806148302751465945770", "what": "anonymize", "who": "root"}', '\x06cf9fa3b01bd47286a1052ba73e9513fe0b8118d3e94d6500a870985525a238');
INSERT INTO public.audit VALUES (5, '{"at": "2026-11-25T20:09:05.617+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.110075597077311212814915385025024645313", "what": "anonymize", "who": "root"}', '\xec5d24f46bcd221f39ec0ba98fa498d8375428ac36ff796f9050b55018261d16');
INSERT INTO public.audit VALUES (6, '{"at": "2026-11-25T20:09:05.667+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.267640346491810657036806628805818453092", "what": "anonymize", "who": "root"}', '\xa54acf26869bb135884f635368f85fce0a3f8c12fa1677f2b8592c643bc9a3b8');
INSERT INTO public.audit VALUES (7, '{"at": "2026-11-25T20:09:05.706+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.73732626104320934886475459036256602627", "what": "anonymize", "who": "root"}', '\x12b4acb3007563a31358094e694e3a6e0369d572d37bab22cae75a9a4c8e3ab8');
INSERT INTO public.audit VALUES (8, '{"at": "2026-11-25T20:09:05.743+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.149943392604589583473328897914042795382", "what": "anonymize", "who": "root"}', '\x147926530e8f046948241a8685e9acf22efcab09f5a29ccaf6d01d789237ecc1');
INSERT INTO public.audit VALUES (9, '{"added": 2, "at": "2026-11-25T20:09:05.803+00:00", "door": "python", "greycloak": "0.1.0", "lines": 2, "project": "given", "what": "import", "who": "root"}', '\x635ab5956dd348b4822ff2cc1f7c6e9d5b6bc27e005aa9716b3107ee783a9eaf');
INSERT INTO public.audit VALUES (10, '{"at": "2026-11-25T20:09:05.850+00:00", "door": "python", "greycloak": "0.1.0", "into": "SITE-002", "project": "given", "pseudonym": "GIVEN-CFNEH8VS93PP", "what": "merge", "who": "root"}', '\x0a380edaf788bf90cbac16e708eb4feaad6a15efa34ea8796bdf65c12dbdb8e8');
INSERT INTO public.projects VALUES (1, 'trial', 1795637345.1176507, 1, 1, 4, '{"id": "hash", "root": "2.25", "shift": [-365, -1]}');
INSERT INTO public.projects VALUES (2, 'default', 1795637345.571494, 1, 1, 4, '{"id": "hash", "root": "2.25"}');
INSERT INTO public.projects VALUES (3, 'given', 1795637345.760478, 1, 1, 3, '');
INSERT INTO public.properties VALUES ('schema', '3');
INSERT INTO public.properties VALUES ('key', '71625f3f2b26b485');
INSERT INTO public.properties VALUES ('audit-head', '10:0a380edaf788bf90cbac16e708eb4feaad6a15efa34ea8796bdf65c12dbdb8e8:52601b3f95f0d90f16ca456f53bfd6207b3be9c4fe2b0fd7f91302468cbffa0b');
INSERT INTO public.series VALUES (1, 1, '2.25.214122486685723800199419011193730180435', '\x34c772c16b381b5b806fe46f10868e391481bf2ccd52a60b71af32972f6798eccd30aa88c4');
INSERT INTO public.series VALUES (2, 2, '2.25.230523639983082140879297164246478872513', '\xc536a96d53b2f22798663ed2c4d0b7dd95b64e92e658396117a99edcbe3926c39830271662');
INSERT INTO public.series VALUES (3, 3, '2.25.47645313788461157342065739986486693439', '\xdeb905f16f6f9caffbe7017b19bf4a7bbf8f4e63ce20f2523d75b6466f7a2940af1f7a691c');
INSERT INTO public.series VALUES (4, 4, '2.25.227205908908616150388894943276063446645', '\xe176f770d836a52627135ca9885dd3059a73475c13cd9fdf7e6d89ae0a4fb40b2abce0bbce');
INSERT INTO public.series VALUES (5, 5, '2.25.199296148622903446381406677661050499295', '\x45a0aa0f33f7735e05084ea30de103095e1ffbe2481a280fb8adfc7db97e3a69de718c44bb');
INSERT INTO public.series VALUES (6, 6, '2.25.147256201535939504436344954507482206427', '\xec8681f8c2b2b019e302f866778d7db7d2c2706422d19f92d8e79f2e35b02a8efdb5e7459b');
INSERT INTO public.series VALUES (7, 7, '2.25.251021717306943562207853791181912710198', '\xdb836b4a681e94152fd2aff9366e58bf969ef4dbf2ce025291d5488de1c229ed56d07a024c');
INSERT INTO public.series VALUES (8, 8, '2.25.283695561659874901633563155096986108850', '\xd89ae53d6d4d99aa333c814afc95d353271be73a945ac383c130153c1b3d5d93af3d841c1c');
INSERT INTO public.studies VALUES (1, 1, 1, '2.25.232656601839087839476586511738468018942', '\x6c77126466e09ba97934114199d05edc3d33b43aaf140b8d18c5c67e901834147cd99b1bde', 1795637345.361571);
INSERT INTO public.studies VALUES (2, 2, 1, '2.25.259502807539421993462563034334163199065', '\xf76b2af57ca0a25e49a8c1ea626677b735035934020f1f1582226949228d4574d65de65fa3', 1795637345.4344976);
INSERT INTO public.studies VALUES (3, 3, 1, '2.25.92931132551540057696252167540698272437', '\x924a7ba3b8a2f0618f09f69a277b2b8babf8def5bc612d5dc2001e612869eaaf2624e52672', 1795637345.4901855);
INSERT INTO public.studies VALUES (4, 4, 1, '2.25.142738447695627566806148302751465945770', '\xa3dfd1e29cdc701fb2c69c9ff673cf999cd0ef21203d3395fc2beb24698c198e34e37b4547', 1795637345.5440001);
INSERT INTO public.studies VALUES (5, 5, 2, '2.25.110075597077311212814915385025024645313', '\x15a45d807121f6ac8b52f8aa012cc4a261113d5632859834a97799ee4adc77823a1b9d6680', 1795637345.6155632);
INSERT INTO public.studies VALUES (6, 6, 2, '2.25.267640346491810657036806628805818453092', '\x609354b7c8e80eda52e51cc8d9c5a1fe422ee9ecd351693c1abfde2f27f93e6ca3adab600e', 1795637345.6657608);
INSERT INTO public.studies VALUES (7, 7, 2, '2.25.73732626104320934886475459036256602627', '\xfc65c3b8bd866401976a2e4d054bcde15cc28f807ee7d98614646fd1ab8c938e1a92f45801', 1795637345.703311);
INSERT INTO public.studies VALUES (8, 8, 2, '2.25.149943392604589583473328897914042795382', '\x7135783520f504db94d0c6dc7b478f2d23e77488be575cd12cf09d627cee2c39e9357069bb', 1795637345.7416286);
INSERT INTO public.subjects VALUES (1, 1, '\x2743f7ff2ddfb7462dc0e4424ff213b1ebe88c96df137e7bb7707f63a3107c1f', 'TRIAL-CBXTBQA0JQ05', 1, '\xc9dfb21d7a05b47af1c5b12abc5a2500230d48fffb618596003cad89f971e0b011057ee456e87d7f6fc60ba2ac', 1795637345.3505266, NULL, NULL, '\xef4d7465c0472bec171713827fe5d5a4', '\xb359bcf68512737fcc6c5470c2a445d6', NULL);
INSERT INTO public.subjects VALUES (2, 1, '\xbbb2917fc186d391ea2babf5f3664e424d1438d1e2e0c6e7d8ea58c1d96d0d0c', 'TRIAL-QDX26NBZCR0H', 2, '\xe8d82839e2442abc9ed66bbc9ee86fe8f2c9b50b6daf1ea8fe564bf98dcce4365e24d5e036bdcabe5133ac9f87b946ba9f3d41fa0e488662c096b05de2', 1795637345.425607, NULL, NULL, '\xea80f81b58f95bf32c5a7c439388be19', '\xb359bcf68512737fcc6c5470c2a445d6', NULL);
INSERT INTO public.subjects VALUES (3, 1, '\x316d661b8361e0e85bd59bd57c219b54032d0b4f4cc0835e0a4df35f8d834756', 'TRIAL-TCZWNY8A30G5', 3, '\xdb183166bcfbb260a5703409097619a1c32c051dcae075395e9e71528ab171bf5d338b323e045483b491d7d77a6207eca4da358040', 1795637345.4826672, NULL, NULL, '\xbf8044a3d6edb25f0dcd8881cc268819', '\xb359bcf68512737fcc6c5470c2a445d6', NULL);
INSERT INTO public.subjects VALUES (4, 1, '\x26f8be9880d958eac88197fc127b0eabbd6b0677a4c439e8972b75d5341850f7', 'TRIAL-QDV1GX5R6KRP', 4, '\x22314b1c398f19c445ff84fe49e61990241e9864ea111bd299334841b5a8794bd4d6ed054b5f4b628f5801452732fedac4', 1795637345.5385544, NULL, NULL, '\x15647d9959f8a01b7d4fbcbd58c2025f', '\xb359bcf68512737fcc6c5470c2a445d6', NULL);
INSERT INTO public.subjects VALUES (5, 2, '\xf54898f2a0b487049a51b6d5fb4101a479f89c1dac83e2701e6e118ad484f9c4', 'DEFAULT-7EK55BV6W0P8', 1, '\x01f67968e5809a62c9d7eecfddead8ca8fb595012273086ad6d88da5a90c70f734d53ae81c17154fb7f7b23673', 1795637345.6090245, NULL, NULL, '\x4846d58e56012839a91e4eaf9773697f', '\x5b8401e31ca7e13e88351c1c28f0f1da', NULL);
INSERT INTO public.subjects VALUES (6, 2, '\xeb1edb11ad8b3844917544138b498c110bf993aee610b176429eb8c002342697', 'DEFAULT-88E9KF00V3S6', 2, '\x985352f2d8b10484248fa6b421e99b1394fd746097f03812758fef8a7a3c4cad533c5f7bda974c536445ce83ece9bcf262e9e5cb7baefc7ff3d2967cc2', 1795637345.658202, NULL, NULL, '\xcd5b9231c3cb014bf2d88e263f75fc5c', '\x5b8401e31ca7e13e88351c1c28f0f1da', NULL);
INSERT INTO public.subjects VALUES (7, 2, '\x393201e75eb90f337aede375c66aff81b47f89949d37a76d15d080c25d314416', 'DEFAULT-796PNR37ZJ54', 3, '\xbb100f0bc973b86b001218afc97ba7ad511995f5893b84cf5d9d229d6267943c5e5dcc904d5cd65f456649099c6ea73ce1eeb6e08d', 1795637345.6979337, NULL, NULL, '\xedeb168448d244cae515fbbba456e0e7', '\x5b8401e31ca7e13e88351c1c28f0f1da', NULL);
INSERT INTO public.subjects VALUES (8, 2, '\x4232a06c6bb5ebe2f7fb41f72db16e6eda9b3c0be1eb1ffd19ab3d8dee4401fd', 'DEFAULT-A7RXST6XYX80', 4, '\xba7c961f01aff4b17db42db7a1ef0339a95beed3bd81bca46a0bc34cfccd90863df63b8ff689d0a43edfa65f03c9223acb', 1795637345.7384145, NULL, NULL, '\x51557c4eb0464327fa3eb8c4ffa9bc9f', '\x5b8401e31ca7e13e88351c1c28f0f1da', NULL);
INSERT INTO public.subjects VALUES (9, 3, '\x4247cb0a802708a65694271e6510c5f5fc41f10736a1e8cb4f3632b1bff75826', 'SITE-001', 1, '\x1964c190aaa3f10f7d4e5ab33cef45dfe9a02524d8872f90f75334ce3316da2dd3166af4053a9cfa89dd42d796', 1795637345.77628, 'Case 1', -120, '\x', '\x', NULL);
INSERT INTO public.subjects VALUES (10, 3, '\x8e5ebeb1d59c15236bb5f0abdba1c6badf401095d476a0a6e6cad0b397a28537', 'SITE-002', 2, '\xb8a310ab2fa7cb416023c8d8e5c19f76336d3183bdf2cbfa5511b1cbd7f64b4be3ca9b2eb36973a95061cb75b7', 1795637345.7920282, NULL, NULL, '\x', '\x', NULL);
INSERT INTO public.subjects VALUES (11, 3, '\x2b42be2999cb6cb4a509048b6f69dc932f57dfdc6259f51098ac2869ad9a1fff', 'GIVEN-CFNEH8VS93PP', 3, '\x02e049e21addc5d1e77e86fda6e28f8a9a4ad857a5189a534de086d5c2f91aace6b3caa8cae921bd8f877fa223', 1795637345.8212502, NULL, NULL, '\x', '\x', 10);
SELECT pg_catalog.setval('public.projects_id_seq', 3, true);
SELECT pg_catalog.setval('public.series_id_seq', 8, true);
SELECT pg_catalog.setval('public.studies_id_seq', 8, true);
SELECT pg_catalog.setval('public.subjects_id_seq', 11, true);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_name_key UNIQUE (name);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.properties
    ADD CONSTRAINT properties_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_study_new_uid_key UNIQUE (study, new_uid);
ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_project_new_uid_key UNIQUE (project, new_uid);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_look_up_key UNIQUE (project, look_up);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_number_key UNIQUE (project, number);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_pseudonym_key UNIQUE (project, pseudonym);
CREATE INDEX studies_subject ON public.studies USING btree (subject);
ALTER TABLE ONLY public.series
    ADD CONSTRAINT series_study_fkey FOREIGN KEY (study) REFERENCES public.studies(id);
ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);
ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_subject_fkey FOREIGN KEY (subject) REFERENCES public.subjects(id);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES public.subjects(id);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);
