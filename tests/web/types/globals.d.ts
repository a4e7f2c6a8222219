interface Navigator { standalone?: boolean }
