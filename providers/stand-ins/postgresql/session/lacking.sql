SELECT rolname::text AS name, EXISTS (
    SELECT FROM pg_auth_members WHERE roleid = pg_roles.oid AND pg_get_userbyid(member) = current_user
      AND (pg_get_userbyid(grantor) = current_user OR current_setting('server_version_num')::int < 160000)
  ) AS member
FROM pg_roles
WHERE rolname = ANY ($1) AND NOT rolsuper AND rolname <> 'pg_database_owner'
  AND NOT (pg_has_role(oid, 'USAGE')
    AND CASE WHEN current_setting('server_version_num')::int >= 160000 THEN pg_has_role(oid, 'SET') ELSE true END)
ORDER BY rolname
