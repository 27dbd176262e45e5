SELECT rolname AS "name", rolcanlogin AS "login", rolinherit AS "inherit", rolsuper AS "superuser",
  rolcreatedb AS "createDatabase", rolcreaterole AS "createRole", rolreplication AS "replication",
  rolbypassrls AS "bypassRowLevelSecurity", rolconnlimit AS "connectionLimit",
  coalesce(rolvaliduntil::text, 'infinity') AS "validUntil",
  coalesce(rolvaliduntil, 'infinity') = $2::timestamptz AS "sameValidity",
  coalesce(rolconfig, '{}') AS "settings",
  ARRAY(SELECT DISTINCT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = pg_roles.oid) AS "roles"
FROM pg_roles WHERE rolname = $1
