"""``greycloak orthanc``: add Greycloak to the Orthanc of this machine, and take it out again."""
