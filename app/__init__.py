"""What somebody sees and types: the Streamlit pages and the `coannotate` command."""
