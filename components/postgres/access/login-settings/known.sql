(SELECT string_agg(name, ',' ORDER BY name) FROM pg_catalog.pg_settings
    WHERE name IN (:'names'))
