-- Steps run side by side, also those of other stacks: each changes the record and the file alone.
SELECT pg_advisory_lock(7031642) \g /dev/null
