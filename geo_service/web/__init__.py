"""The public site and the staff site: pages made on the server, complete without JavaScript."""
