-- Steps of this and other stacks run at the same time. The lock lets one at a time change the record and the file.
SELECT pg_advisory_lock(7031642) \g /dev/null
