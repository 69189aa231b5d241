"""Scene pictures from files: what data sets have in common, from their folders to rows, pixels and a cache."""
