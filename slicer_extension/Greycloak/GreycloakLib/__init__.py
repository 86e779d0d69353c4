"""Greycloak in 3D Slicer.

What works without Qt: `selection`, `choices`, `anonymizers`, `preview`, `picture`, `run`, `targets`, `scene` and
`headless`. What shows it: `panel` and its sections, `ticking`, `remembering`, `browser`.
"""
