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
CREATE TABLE public.projects (
    id integer NOT NULL,
    name character varying(32) NOT NULL,
    created double precision NOT NULL
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
CREATE TABLE public.subjects (
    id integer NOT NULL,
    project integer NOT NULL,
    look_up bytea NOT NULL,
    pseudonym character varying(64) NOT NULL,
    sealed bytea NOT NULL,
    created double precision NOT NULL
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
ALTER TABLE ONLY public.subjects ALTER COLUMN id SET DEFAULT nextval('public.subjects_id_seq'::regclass);
INSERT INTO public.projects VALUES (1, 'trial', 1795501088.0665908);
INSERT INTO public.projects VALUES (2, 'default', 1795501088.1015651);
INSERT INTO public.properties VALUES ('schema', '1');
INSERT INTO public.properties VALUES ('key', 'bbf1cb6989bb611f');
INSERT INTO public.subjects VALUES (1, 1, '\x3f334442e448cb38a9554d9c5b9c6b1e89a5771775d16e571929c58ecf0c45d7', 'TRIAL-8C7X8DEPRME3', '\x6a9528d3ad58df98793abc8942a545354cae4c00f7ebf6c0010621f4174d4a67aa6d976617b8be36e6f5f9aa6c', 1795501088.0824916);
INSERT INTO public.subjects VALUES (2, 1, '\x09fff79c5622faf0e133f733684d89977cae9a9814ae1de49560660566eebfdc', 'TRIAL-74MMJDH1RER5', '\x3a7c562467822075bd568a3bff9c43dd5ee2b536ab9dd1e821bdbd3ea9ed627d53dfac8082b49c803c93eed60d826ab165e8569994c5b81f435bce2dea', 1795501088.0888467);
INSERT INTO public.subjects VALUES (3, 1, '\x0f17e2193c8a39d38b1694b93c1d8f22f526cd1aa79024a01c8f3e3e6a7c90e6', 'TRIAL-B76201J316TM', '\x0051b4557b4964f72ea5799703b12091b7138a2aadaaafe024d2271ec166f32b66ebe70f4254795f3ad25fe3d0e82c35fb76146cf2', 1795501088.0938408);
INSERT INTO public.subjects VALUES (4, 1, '\xa04f01f1bd721accbb05643127af3c0d1156b5f254f8d29515666160d561a19b', 'TRIAL-1SH7GS01F3AC', '\xe2db08d7ecb948afadd247b859945346e814be3a91cd3a8040dbe8596c48a7797c6c88310d7f4eb40ba1e31554af8ce44c', 1795501088.0984955);
INSERT INTO public.subjects VALUES (5, 2, '\x2e05845ee322318b1657fa348403ae7a2d1905ef4305afcf1bfb450ad636b9bc', 'DEFAULT-B6BCBQX7HZ74', '\x08fa30189e7c6c87149a2c439ba15b345711a84e41c51900432329cc690bcb59595b9f08d3732b2850cd4d3cc8', 1795501088.1053684);
INSERT INTO public.subjects VALUES (6, 2, '\x2d3b3203a88eda46b79c96e31cf8d7815929614847eaab9de26c7106e44fa108', 'DEFAULT-WN9480F8Y1JN', '\x19a8c3f2915790d55e81bfd4f5cce8a855833a0e5dae379fdb11fee5472fcff3604fbf8f7ccedb1972b0e313cd2782631f718d0ee701aa6c697c8ebd70', 1795501088.109636);
INSERT INTO public.subjects VALUES (7, 2, '\x7da6d3adc172e5a5c69eb9a3a7b7f20cf5bdfeb602a00d60d9dcc6f5287ba0d2', 'DEFAULT-Q8W2Y9YN90HC', '\x5a206059355a436234389a0deaf237d7f0ae2a6893be1ba405048f5aee8bf1764f6b26b4be41d6212e44b414a4cee670c470169f07', 1795501088.1137974);
INSERT INTO public.subjects VALUES (8, 2, '\x144115b02e2ff26ad62379de2464687f466228a85f9c7ffb3e0935b640101445', 'DEFAULT-G93E4S6PEG1R', '\xb56b3562b3d78618d2ed7469130a2dd6e9ebb08f03e46e68fe55e3a0d409f6608f1e03958ede9a0075b00ad58c1a40cea3', 1795501088.1179788);
SELECT pg_catalog.setval('public.projects_id_seq', 2, true);
SELECT pg_catalog.setval('public.subjects_id_seq', 8, true);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_name_key UNIQUE (name);
ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.properties
    ADD CONSTRAINT properties_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_look_up_key UNIQUE (project, look_up);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_pseudonym_key UNIQUE (project, pseudonym);
ALTER TABLE ONLY public.subjects
    ADD CONSTRAINT subjects_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);
