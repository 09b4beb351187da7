"""Films and electrolytes with the sources of their numbers, and the lithium that films hold."""
