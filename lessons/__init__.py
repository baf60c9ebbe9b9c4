"""The course. A folder is a lesson, a file is a part of it: one idea, three ways."""
