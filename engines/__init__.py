"""The same models on another engine, and what proves that the engines agree."""
