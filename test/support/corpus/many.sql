-- Two hundred partitions with indexes, in databases of which a server holds few locks.
CREATE TABLE m (n int, a int, b int) PARTITION BY RANGE (n); CREATE INDEX ON m (a); CREATE INDEX ON m (b, a);
SELECT format('CREATE TABLE m%s PARTITION OF m FOR VALUES FROM (%s) TO (%s)', n, n, n + 1) FROM generate_series(1, 200) n \gexec
INSERT INTO m SELECT n, n, n FROM generate_series(1, 200) n;
