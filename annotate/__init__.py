"""What we know about labelling. No Streamlit, no printing, no environment variables."""
