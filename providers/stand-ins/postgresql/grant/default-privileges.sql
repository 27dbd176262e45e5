SELECT coalesce(array_agg(DISTINCT privilege_type) FILTER (WHERE privilege_type IS NOT NULL), '{}') AS privileges,
  coalesce(CASE WHEN $6 THEN bool_and(is_grantable) ELSE bool_or(is_grantable) END, false) AS "withGrantOption"
FROM pg_roles AS owner LEFT JOIN pg_namespace AS schema ON nspname = $3 LEFT JOIN pg_roles AS reader ON reader.rolname = $2
  LEFT JOIN LATERAL aclexplode(coalesce(
    (SELECT defaclacl FROM pg_default_acl WHERE defaclrole = owner.oid AND defaclobjtype = $4
       AND defaclnamespace = CASE WHEN $3 = '' THEN 0::oid ELSE schema.oid END),
    CASE WHEN $3 = '' THEN acldefault($5, owner.oid) END)) AS entry
    ON entry.grantee = CASE WHEN $2 = :'public' THEN 0::oid ELSE reader.oid END
WHERE owner.rolname = $1 AND ($3 = '' OR schema.oid IS NOT NULL) AND ($2 = :'public' OR reader.oid IS NOT NULL)
GROUP BY owner.oid
