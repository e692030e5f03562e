"""How far people and machine agree."""
