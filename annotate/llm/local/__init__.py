"""A local annotator that needs no key and no network: sentence vectors and cosine votes."""
