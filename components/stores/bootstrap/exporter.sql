-- Who measures the database: a login that reads what members of monitor may, and none of the services' rows.
WITH refused (reason, repair) AS (
  SELECT format('there is a role %I that the bootstrap did not make', :'role'),
    format('Drop it; or, if it is the exporter''s: COMMENT ON ROLE %I IS %L', :'role', 'agent-platform')
  FROM pg_roles
  WHERE rolname = :'role' AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM 'agent-platform'
)
SELECT format('DO %L', format('BEGIN RAISE EXCEPTION USING MESSAGE = %L, HINT = %L; END', reason, repair)) FROM refused
\gexec

SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
COMMENT ON ROLE :"role" IS 'agent-platform';
-- A scrape takes two, and the next pod begins before the last one has ended.
ALTER ROLE :"role" LOGIN CONNECTION LIMIT 4;
\password :"role"
-- On a server of several owners the group is another's, who alone may add to it.
SELECT pg_has_role(:'role', 'monitor', 'USAGE') AS is_member,
  pg_has_role('monitor', 'USAGE WITH ADMIN OPTION') AS may_add \gset
\if :is_member
\elif :may_add
GRANT monitor TO :"role";
\else
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', datname, :'role') FROM pg_database
WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE') \gexec
SELECT format('GRANT pg_monitor TO %I', :'role') WHERE pg_has_role('pg_monitor', 'USAGE WITH ADMIN OPTION') \gexec
GRANT USAGE ON SCHEMA monitoring TO :"role";
GRANT SELECT ON monitoring.db_performance, monitoring.slow_queries, monitoring.db_size_info TO :"role";
GRANT EXECUTE ON FUNCTION monitoring.column_statistics() TO :"role";
\endif
ALTER ROLE :"role" SET default_transaction_read_only = on;
-- A question that takes as long as this is given up, and asked again at the next scrape.
ALTER ROLE :"role" SET statement_timeout = '10s';
