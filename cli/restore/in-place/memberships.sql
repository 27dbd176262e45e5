-- Predefined roles can be members as well: of a superuser, for instance.
SELECT g.rolname AS group, m.rolname AS member,
  CASE WHEN current_setting('server_version_num')::int >= 160000 THEN by.rolname END AS grantor,
  ARRAY(SELECT upper(replace(key, '_option', '')) FROM jsonb_each_text(to_jsonb(x)) WHERE key ~ '_option$' AND value = 'true') AS options
FROM pg_auth_members x JOIN pg_authid g ON g.oid = x.roleid JOIN pg_authid m ON m.oid = x.member
LEFT JOIN pg_authid by ON by.oid = x.grantor
