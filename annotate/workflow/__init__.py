"""The verbs: import, pre-label, route, label, review, export. Each can be run twice."""
