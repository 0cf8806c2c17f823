namespace AttentionLab.Models;

/// <summary>
/// Divides a scope's nodes into steps: one for each inner scope, where that is possible. It is not where an inner scope is left
/// and entered again: a module that was called several times, or one whose parts were called from elsewhere.
/// </summary>
/// <param name="links">Which nodes take whose values.</param>
/// <param name="paths">Each node's scope.</param>
/// <param name="signature">What some nodes compute, as text: equal texts, equal computations.</param>
internal sealed class ScopeUnits(NodeLinks links, IReadOnlyList<ScopePath> paths, Func<IReadOnlyList<int>, string> signature)
{
    private readonly int[] _cut = new int[paths.Count],
        _wave = new int[paths.Count];

    /// <summary>The steps of a scope, each after those whose values it takes.</summary>
    /// <param name="nodes">The scope's nodes, in order.</param>
    /// <param name="depth">How many parts the scope's own path has.</param>
    public IReadOnlyList<ScopeUnit> Of(IReadOnlyList<int> nodes, int depth)
    {
        foreach (int node in nodes)
        {
            (_cut[node], _wave[node]) = (depth + 1, 0);
        }

        while (true)
        {
            List<List<int>> units = Grouped(nodes, depth);
            List<HashSet<int>> edges = Edges(units);
            int[] circle = Circles.Of(edges);
            var sizes = circle.GroupBy(number => number).ToDictionary(group => group.Key, group => group.Count());
            List<int>[] tangled = [.. units.Where((unit, i) => sizes[circle[i]] > 1 && unit.Count > 1)];
            if (tangled.Length == 0)
            {
                return [.. Sorted(units, edges).Select(unit => new ScopeUnit(unit, PathOf(unit, depth)))];
            }

            foreach (List<int> unit in tangled)
            {
                Part(unit);
            }
        }
    }

    private bool IsSingle(int node) => paths[node].IsLoose || paths[node].Parts.Count < _cut[node];

    private IReadOnlyList<string> PathOf(List<int> unit, int depth) =>
        IsSingle(unit[0]) ? [] : [.. paths[unit[0]].Parts.Take(_cut[unit[0]]).Skip(depth)];

    private List<List<int>> Grouped(IReadOnlyList<int> nodes, int depth)
    {
        var units = new List<List<int>>();
        var byName = new Dictionary<(string, int), List<int>>();
        foreach (int node in nodes)
        {
            if (IsSingle(node))
            {
                units.Add([node]);
                continue;
            }

            (string, int) name = (string.Join('.', paths[node].Parts.Take(_cut[node]).Skip(depth)), _wave[node]);
            if (!byName.TryGetValue(name, out List<int>? unit))
            {
                units.Add(byName[name] = unit = []);
            }

            unit.Add(node);
        }

        return units;
    }

    private List<HashSet<int>> Edges(List<List<int>> units)
    {
        var unitOf = new Dictionary<int, int>();
        for (int i = 0; i < units.Count; i++)
        {
            units[i].ForEach(node => unitOf[node] = i);
        }

        return
        [
            .. units.Select(
                (unit, i) =>
                    unit.SelectMany(node => links.Users[node])
                        .Select(user => unitOf.GetValueOrDefault(user, i))
                        .Where(user => user != i)
                        .ToHashSet()
            ),
        ];
    }

    /// <summary>
    /// Parts a scope that is left and entered again: into its calls where these compute the same, else into its inner scopes.
    /// </summary>
    private void Part(List<int> unit)
    {
        int[] waves = Waves(unit);
        bool isCalledAgain =
            _wave[unit[0]] == 0
            && waves.Max() > 0
            && unit.Zip(waves)
                .GroupBy(pair => pair.Second, pair => pair.First)
                .Select(call => signature([.. call]))
                .Distinct()
                .Count() == 1;
        for (int i = 0; i < unit.Count; i++)
        {
            if (isCalledAgain)
            {
                _wave[unit[i]] = waves[i] + 1;
            }
            else
            {
                _cut[unit[i]]++;
            }
        }
    }

    /// <summary>How often the way to each node left the scope before.</summary>
    private int[] Waves(List<int> unit)
    {
        var inside = unit.ToHashSet();
        var carried = new Dictionary<int, int>();
        for (int node = unit[0]; node <= unit[^1]; node++)
        {
            int most = inside.Contains(node) ? 0 : -1;
            foreach (int maker in links.Makers[node])
            {
                if (carried.TryGetValue(maker, out int wave))
                {
                    most = Math.Max(most, inside.Contains(node) && !inside.Contains(maker) ? wave + 1 : wave);
                }
            }

            if (most >= 0)
            {
                carried[node] = most;
            }
        }

        return [.. unit.Select(node => carried[node])];
    }

    private static List<List<int>> Sorted(List<List<int>> units, List<HashSet<int>> edges)
    {
        int[] waiting = new int[units.Count];
        foreach (int user in edges.SelectMany(users => users))
        {
            waiting[user]++;
        }

        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < units.Count; i++)
        {
            if (waiting[i] == 0)
            {
                ready.Enqueue(i, units[i][0]);
            }
        }

        var sorted = new List<List<int>>();
        while (ready.TryDequeue(out int unit, out _))
        {
            sorted.Add(units[unit]);
            foreach (int user in edges[unit])
            {
                if (--waiting[user] == 0)
                {
                    ready.Enqueue(user, units[user][0]);
                }
            }
        }

        return sorted;
    }
}
