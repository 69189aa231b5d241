"""Pictures with and without text that are computed: `text.Rendered`."""
