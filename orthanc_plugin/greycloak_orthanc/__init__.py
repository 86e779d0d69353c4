"""Greycloak inside Orthanc: a hook that records work, routes that answer, workers that do it.

An Orthanc runs one Python script. A site that has its own imports this package and chains the plain functions::

    import greycloak_orthanc.plugin as greycloak

    greycloak.start()  # instead of greycloak.register(), then call from the site's own callbacks:
    greycloak.on_stored(dicom, instance_id)
    greycloak.on_change(change_type, level, resource_id)
    greycloak.explorer_js()

Only `greycloak_orthanc.plugin` and what it hands its ``orthanc`` module to know Orthanc's plugin API; everything
else is plain Python, and the workers run outside the server.
"""
