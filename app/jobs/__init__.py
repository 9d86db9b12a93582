"""Background work: the queue, the worker process, what it runs, and who keeps it alive."""
