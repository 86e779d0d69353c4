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
INSERT INTO public.audit VALUES (1, '{"at": "2026-11-24T06:18:11.670+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.128903643989923746707461411706560862181", "what": "anonymize", "who": "root"}', '\x73489133a61a731c2bdc5df0f48cb21ea96e9f4394aa7c561959c14a8f2f1652');
INSERT INTO public.audit VALUES (2, '{"at": "2026-11-24T06:18:11.688+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.236938867000754591142298676637849979783", "what": "anonymize", "who": "root"}', '\xac0829467c56f875ac62b48113289ea4cf089d13feae36289a2dc2f7eacb5e31');
INSERT INTO public.audit VALUES (3, '{"at": "2026-11-24T06:18:11.703+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.296795049758563092257155658594534693442", "what": "anonymize", "who": "root"}', '\x437a1d687fc8c424ff2f60179281e4b3baa1839bcad9b17697a428e489ecee35');
INSERT INTO public.audit VALUES (4, '{"at": "2026-11-24T06:18:11.718+00:00", "door": "python", "greycloak": "0.1.0", "profile": "clinical-trial", "profile_digest": "8f6871a16d9cbc6a", "project": "trial", "study": "2.25.142666576838445000616015852998942674273", "what": "anonymize", "who": "root"}', '\x4d78984a61566b7a40e3859687cdf1601f7413a8b170847a47619cb39f8afb3b');
INSERT INTO public.audit VALUES (5, '{"at": "2026-11-24T06:18:11.737+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.243321771714112489910471841750894666753", "what": "anonymize", "who": "root"}', '\xcbe1b89fa6e2b18dfa5b9667135e52ae6a83984e0ed63b7136700f8a13225fc4');
INSERT INTO public.audit VALUES (6, '{"at": "2026-11-24T06:18:11.752+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.247306549529439611726969707548775569500", "what": "anonymize", "who": "root"}', '\xa17b9a517baf10a295fdb6a010fceb11297f04755e0e3827edea988992f502d6');
INSERT INTO public.audit VALUES (7, '{"at": "2026-11-24T06:18:11.762+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.303682593065614121466212584565140748372", "what": "anonymize", "who": "root"}', '\x908aaed70aa0113e63ed8818bb569dffff6476680af511ebb850d471c56e0f73');
INSERT INTO public.audit VALUES (8, '{"at": "2026-11-24T06:18:11.773+00:00", "door": "python", "greycloak": "0.1.0", "profile": "basic", "profile_digest": "caab9a07ad95cc3f", "project": "default", "study": "2.25.96585495751614749192664247130940698559", "what": "anonymize", "who": "root"}', '\xd091289abf70b414d29e565eae03378586e8ff706430abacd061780aafc9f5c1');
INSERT INTO public.audit VALUES (9, '{"added": 2, "at": "2026-11-24T06:18:11.787+00:00", "door": "python", "greycloak": "0.1.0", "lines": 2, "project": "given", "what": "import", "who": "root"}', '\xfeb0c6ccfc3d4179f9d3dd9bab1c743624a26e128facfeb85a254623c44e52ab');
INSERT INTO public.audit VALUES (10, '{"at": "2026-11-24T06:18:11.798+00:00", "door": "python", "greycloak": "0.1.0", "into": "SITE-002", "project": "given", "pseudonym": "GIVEN-1B39J738N3RT", "what": "merge", "who": "root"}', '\xb446dea174f26b3e6e83f2d03907266f94c24bf882275bbdf42ce707eb904ef4');
INSERT INTO public.projects VALUES (1, 'trial', 1795501091.6068888, 1, 1, 4, '{"id": "hash", "root": "2.25", "shift": [-365, -1]}');
INSERT INTO public.projects VALUES (2, 'default', 1795501091.723548, 1, 1, 4, '{"id": "hash", "root": "2.25"}');
INSERT INTO public.projects VALUES (3, 'given', 1795501091.7774491, 1, 1, 3, '');
INSERT INTO public.properties VALUES ('schema', '3');
INSERT INTO public.properties VALUES ('key', 'e34e50684157e5df');
INSERT INTO public.properties VALUES ('audit-head', '10:b446dea174f26b3e6e83f2d03907266f94c24bf882275bbdf42ce707eb904ef4:03c872f9c6980b974f31e91de6f8029acdb94078709b572e0e040ecdb6230917');
INSERT INTO public.series VALUES (1, 1, '2.25.6676172113663395859793931362253150936', '\xb9eed53438b1fc5c4213e7d7be32489b9e24dfbd0c313ee0fa41aec516c156b0af6f3aaace');
INSERT INTO public.series VALUES (2, 2, '2.25.201721616345353747735427543353375761010', '\xaa82ea9dbdd396ea7c41873edf9e7a006d7fa531ffdd86065baad8b8dae8c845852be81bbe');
INSERT INTO public.series VALUES (3, 3, '2.25.26794060446132243719433307688252670901', '\x842fd4b34bf60f53a3c12509c50cf89508ad8bc45403cad5e398b3ef6837359fbcf338eb7a');
INSERT INTO public.series VALUES (4, 4, '2.25.265250197915347000099229865452318233972', '\xe86c20d60468b08957a6f380b00b6b73adac3d8e0f33894948e41aef913ca4c125304f13ea');
INSERT INTO public.series VALUES (5, 5, '2.25.194669098637874186807861611702128853324', '\xab9a5851c7acc59885bf2d0beb02359dc8bf987a4d2de75949ccd5145767ea205619333f4a');
INSERT INTO public.series VALUES (6, 6, '2.25.105027730817093028812758639393315073237', '\x543a15875031eed581b9d8423d96b9a7c0145335e62c63684b2cf173c06fa73ab0351c9143');
INSERT INTO public.series VALUES (7, 7, '2.25.225217032662376106439735750449015298445', '\x17c80e79b1b21c29d8216f488c09d51f470ff9d670987bedcedb8f05341fca92f433bbf524');
INSERT INTO public.series VALUES (8, 8, '2.25.241430168903642034051053542157385690768', '\x7cea3f112152baa12bb32a20560f15b2d2951938b89523612aed887b2d1e9b04001e15fdd6');
INSERT INTO public.studies VALUES (1, 1, 1, '2.25.128903643989923746707461411706560862181', '\x011e30ff399b12f5e5dfa3d910ff85b9af10f8d9ecb3368905cee192dc004a69365db5ea43', 1795501091.6683471);
INSERT INTO public.studies VALUES (2, 2, 1, '2.25.236938867000754591142298676637849979783', '\xe11f5b64e47c090b6b0a69198ef9debfe1a698c9201828885c051e6377f7f83f92def18082', 1795501091.6875832);
INSERT INTO public.studies VALUES (3, 3, 1, '2.25.296795049758563092257155658594534693442', '\xbbdf3cee88b71a438ce0092fa999292e72b8d4e7cb9461cee670a994e2bb2ce49a2eb7f900', 1795501091.7021654);
INSERT INTO public.studies VALUES (4, 4, 1, '2.25.142666576838445000616015852998942674273', '\xc2b7f0106096d313e3ebd780f3c696a56bd8a0995b13e1f1cbdbf214747662f440a3a33fc7', 1795501091.7168474);
INSERT INTO public.studies VALUES (5, 5, 2, '2.25.243321771714112489910471841750894666753', '\x050bd6f9960bb3323826d1d2bcc03e5e2debc2f42e476790db19e7d117933f99352444c367', 1795501091.7357962);
INSERT INTO public.studies VALUES (6, 6, 2, '2.25.247306549529439611726969707548775569500', '\xe22b02185334abd9daccc4e1585f3f9ae243015faf209d6e15582d9e0137bc3ca24e453efa', 1795501091.751153);
INSERT INTO public.studies VALUES (7, 7, 2, '2.25.303682593065614121466212584565140748372', '\xbdc569cda398eb58e742b824187e429f76f47600411c2bc7e57ccb9a8a43777d00605efd75', 1795501091.7620623);
INSERT INTO public.studies VALUES (8, 8, 2, '2.25.96585495751614749192664247130940698559', '\x6977ea34e8a9d9e6f8f2a2985da53f9ea9098485bfd99e70e60915a0c3d2db8a6ad4751924', 1795501091.7724795);
INSERT INTO public.subjects VALUES (1, 1, '\xadc902bcb2993acae013ef421ee0b72f1248e3bb57cfa60793f0609f1e3cf9f2', 'TRIAL-KAMFVMTH6E1Z', 1, '\x99ccd703761804588e9364a1212ef5be045c7578b710ea5e658957860a760578baf4b0d137f51b0f966c711bce', 1795501091.6645312, NULL, NULL, '\xa38b2ec79fe10d28dab2ec73fc84d49f', '\x5aaf4b9c90510964b141ce8214714022', NULL);
INSERT INTO public.subjects VALUES (2, 1, '\xfc33c136313780134d64b924e10121cf0ad3e585fd898a5f8fbf76c0dd3b84e9', 'TRIAL-3KFDADZR8NS4', 2, '\xba44d4dda04061cfa2ee71b57e8c0bfa22368c2dd322e270c77a1e3c7aa43efdd1115da1cee3f746075819e9d7b332ca77c52074c0e37818ef77611920', 1795501091.6854613, NULL, NULL, '\xab794a3462d5235d533bbfb20035f6e7', '\x5aaf4b9c90510964b141ce8214714022', NULL);
INSERT INTO public.subjects VALUES (3, 1, '\xc3dbf971d277c77cb1e1fdebf5a7c433d91d067188bb662786be7c41e14ae974', 'TRIAL-Z0HF51N1VVSP', 3, '\x99336b0debace9a040eb2661d9649cca51bdf7c52a866e5a43ff7e15e218f490dd63fb1afe73ee8d347e136dd7546339ee2828985b', 1795501091.70025, NULL, NULL, '\xceedc2416ea8997e12bff689d89bd625', '\x5aaf4b9c90510964b141ce8214714022', NULL);
INSERT INTO public.subjects VALUES (4, 1, '\x20c2d185aa2a8f8f9a37851b022a363d821a982be6b68a016a270570ddd13d7a', 'TRIAL-QJMBQNRTBFPA', 4, '\x2136fd6cb71b227fde770027f4799c6893245db693e0c5bd3ec5a618769f01d764a06c116a7b76bdba48241da3b955839a', 1795501091.7146463, NULL, NULL, '\x6da4ebfd9e2b2ffe5fa4d6c38b5d17ba', '\x5aaf4b9c90510964b141ce8214714022', NULL);
INSERT INTO public.subjects VALUES (5, 2, '\x1095c9b5f7e93dfc5d9c9a6667af50c07a9cd566d9151eeaed17ed5dab2e56ba', 'DEFAULT-JWWASVGPF39W', 1, '\x3051236058710f9cbe33702448cb02555526432ab74ee0eec99f9ce1907346daef4521ac48e5fc06a86fde1716', 1795501091.7336135, NULL, NULL, '\xbf8d7e35f0db30b7ce922a3c494603b4', '\x2c953b56bafc46a8da64dbd5db28dcfd', NULL);
INSERT INTO public.subjects VALUES (6, 2, '\x2de8cf129c6c220f5617281da5e0c22d767478f72f61ce347f3ee068a4369b65', 'DEFAULT-1CPG5WHHVSAB', 2, '\xcfee98249d73a2f01cffb7b10799d6f6f261393746c958fe6008b09d473748035f3fad51b46d3abb7f735f418c655c5243e79b11aba04405bdb954dd1f', 1795501091.7490675, NULL, NULL, '\x2940e81f5140a1b36de409b9a84aa994', '\x2c953b56bafc46a8da64dbd5db28dcfd', NULL);
INSERT INTO public.subjects VALUES (7, 2, '\xafdf662754ff818fa12c04e1e9803c9960f8e4ab131a364fb20ccb27b64d71ee', 'DEFAULT-11PDFAQPH9ZE', 3, '\x63c00b77bc883e89bbef082482d9e6b69ce389c1afbca4f7a1e16b681d7ca3587e16f9e8e451454d651d015af1b70021a35f5b2613', 1795501091.7603035, NULL, NULL, '\x74c97baa9152ec2cc28c56deb627a4ce', '\x2c953b56bafc46a8da64dbd5db28dcfd', NULL);
INSERT INTO public.subjects VALUES (8, 2, '\x9821753d449aec622a387bd43a9a6c7d5e3ebc2c0f8b75f60ec64c76c7f2aeb7', 'DEFAULT-YY8H0J75QHPV', 4, '\x3f7b37b1690cb813c9b1a70f101e69ddf636ac4c07539dde317fcf3b94c34e4995d071b54b1084e710925f34947df1dc25', 1795501091.7707632, NULL, NULL, '\x4a298b07af60c10309072316925f7eb5', '\x2c953b56bafc46a8da64dbd5db28dcfd', NULL);
INSERT INTO public.subjects VALUES (9, 3, '\xa37e8e59a9ade421d069b60c1c118c2a179eaff18ce4c35db4c5231ed83054ce', 'SITE-001', 1, '\xd4ee5e71900e2b7574d5f8a0c0bc0fba20b5b81b29c3c8450ca0ea5b28c16ac56e480f519c08f39e58d0d79c02', 1795501091.781302, 'Case 1', -120, '\x', '\x', NULL);
INSERT INTO public.subjects VALUES (10, 3, '\xc0715f00d7149f5d2240d7371fa00930fbca4a453e83ac9faa6ae57d6d48621f', 'SITE-002', 2, '\x79bfe772700a399f94bb531b4e9f2a955a59857342c06aedf26ebb27183109986cad78a77ca69a7a7e3aee35e7', 1795501091.7851193, NULL, NULL, '\x', '\x', NULL);
INSERT INTO public.subjects VALUES (11, 3, '\x5ee2c55b489ff83f25312479ae9b1f8460e7fc30f2ac808ea95ffea26257fd46', 'GIVEN-1B39J738N3RT', 3, '\x36c810bc1ac71e02091b2ae46b068ed66d2858d0e38381ab4679d2a682691eb76c7f6aaf0b82338e54aeb05c87', 1795501091.7917984, NULL, NULL, '\x', '\x', 10);
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
