"""The DICOM standard as data: what PS3.3, PS3.6 and PS3.15 say, loaded from generated tables.

The tables in ``data`` are written by ``tools/make_standard.py``; each names its source and edition.
"""
