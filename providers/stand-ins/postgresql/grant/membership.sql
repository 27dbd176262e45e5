-- From PostgreSQL 16 on, who creates a role may administer it: a row without the rights of a member, which is no membership.
SELECT bool_or(admin_option) AS admin FROM pg_auth_members AS m
WHERE pg_get_userbyid(member) = $1 AND pg_get_userbyid(roleid) = $2
  AND coalesce((to_jsonb(m) ->> 'inherit_option')::bool OR (to_jsonb(m) ->> 'set_option')::bool, true)
