"""A Graph becomes a Hierarchy: groups of ops, and what flows between their members.

    build.hierarchy(graph).groups

Scopes, folded series, pieces of wide scopes and hubs apart: pure steps, each linear in the graph.
"""
