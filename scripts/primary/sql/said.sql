SELECT translate(current_setting('laterbase.said'), E'\n\r', '  ');
