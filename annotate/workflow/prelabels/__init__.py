"""The machine asked about items: what is asked, what it costs, what came back."""
