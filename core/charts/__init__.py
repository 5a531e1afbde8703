"""Pictures: a data frame in, an Altair chart out. Nothing here reads the database."""
