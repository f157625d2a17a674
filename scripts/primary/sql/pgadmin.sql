SET laterbase.reader = 'pgAdmin';
