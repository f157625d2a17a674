SET laterbase.reader = 'dumps';
