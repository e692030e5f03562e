"""How good answers are, on a page: agreement, disagreement, an item's history."""
