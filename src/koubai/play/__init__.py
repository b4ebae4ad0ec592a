"""The playground: change a number, watch it learn."""
