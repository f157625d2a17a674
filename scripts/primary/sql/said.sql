SELECT current_setting('laterbase.said');
