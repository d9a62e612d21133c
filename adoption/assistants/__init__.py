"""What assistants may ask of the published file: five tools, each with a short answer in words."""
