"""One loop, many objectives: optimisers, schedules, exact resume, logs, report cards."""
