SET laterbase.reader = 'health';
