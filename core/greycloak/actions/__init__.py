"""What can be done to an element: one module per family."""
