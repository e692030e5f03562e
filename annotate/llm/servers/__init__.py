"""Model servers: how one is reached, what it can do, what it was seen to do."""
