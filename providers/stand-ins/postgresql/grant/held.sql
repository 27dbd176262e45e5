SELECT name::text, pg_get_userbyid(owner)::text AS owner,
  ARRAY(SELECT DISTINCT privilege_type FROM aclexplode(acl) WHERE grantee = reader.oid) AS privileges,
  coalesce((SELECT CASE WHEN $5 THEN bool_and(is_grantable) ELSE bool_or(is_grantable) END
    FROM aclexplode(acl) WHERE grantee = reader.oid), false) AS grantable
FROM (:objects) AS objects,
  (SELECT oid FROM pg_roles WHERE rolname = $1 AND NOT $2
   UNION ALL SELECT 0::oid WHERE $2) AS reader
WHERE cardinality($4::text[]) = 0 OR name = ANY ($4) OR signature = ANY (
  SELECT split_part(one, '(', 1) || '(' || coalesce(types, '') || ')' FROM unnest($4) AS one, LATERAL (
    SELECT string_agg(format_type(to_regtype(btrim(type)), NULL), ', ' ORDER BY position) AS types
    FROM unnest(string_to_array(rtrim(split_part(one, '(', 2), ')'), ',')) WITH ORDINALITY AS list (type, position)
  ) AS arguments WHERE one LIKE '%(%') ORDER BY name
