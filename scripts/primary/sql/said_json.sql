SELECT to_json(said) FROM (SELECT current_setting('laterbase.said') AS said) s WHERE said <> '';
