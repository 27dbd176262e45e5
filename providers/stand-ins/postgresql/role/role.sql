SELECT rolname AS "name", rolcanlogin AS "login", rolinherit AS "inherit", rolsuper AS "superuser",
  rolcreatedb AS "createDatabase", rolcreaterole AS "createRole", rolreplication AS "replication",
  rolbypassrls AS "bypassRowLevelSecurity", rolconnlimit AS "connectionLimit",
  coalesce(rolvaliduntil::text, 'infinity') AS "validUntil",
  coalesce(rolvaliduntil, 'infinity') = $2::timestamptz AS "sameValidity",
  coalesce(rolconfig, '{}') AS "settings",
  -- From PostgreSQL 16 on, who creates a role may administer it: a row without the rights of a member.
  ARRAY(SELECT DISTINCT pg_get_userbyid(roleid)::text FROM pg_auth_members AS m WHERE member = pg_roles.oid
    AND coalesce((to_jsonb(m) ->> 'inherit_option')::bool OR (to_jsonb(m) ->> 'set_option')::bool, true)) AS "roles"
FROM pg_roles WHERE rolname = $1
