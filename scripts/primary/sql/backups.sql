SET laterbase.reader = 'backups';
