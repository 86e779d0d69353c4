-- Run once, when the database server is made: Orthanc's index has the database "orthanc", Greycloak's store its own.
CREATE DATABASE greycloak;
