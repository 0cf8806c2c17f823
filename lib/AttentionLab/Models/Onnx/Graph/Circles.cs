namespace AttentionLab.Models;

/// <summary>Strongly connected components of a directed graph (Tarjan, 1972), without recursion.</summary>
internal static class Circles
{
    /// <summary>The component of each vertex, numbered from 0; vertices that reach each other share one.</summary>
    /// <param name="edges">The vertices that each vertex leads to.</param>
    public static int[] Of(IReadOnlyList<IReadOnlyCollection<int>> edges)
    {
        int count = edges.Count,
            time = 0,
            components = 0;
        int[] found = new int[count],
            low = new int[count],
            component = new int[count];
        Array.Fill(component, -1);
        var open = new Stack<int>();
        var path = new Stack<(int Vertex, IEnumerator<int> Edges)>();
        for (int start = 0; start < count; start++)
        {
            if (found[start] == 0)
            {
                Enter(start);
            }

            while (path.TryPeek(out (int Vertex, IEnumerator<int> Edges) at))
            {
                if (at.Edges.MoveNext())
                {
                    int next = at.Edges.Current;
                    if (found[next] == 0)
                    {
                        Enter(next);
                    }
                    else if (component[next] < 0)
                    {
                        low[at.Vertex] = Math.Min(low[at.Vertex], found[next]);
                    }

                    continue;
                }

                path.Pop();
                if (path.TryPeek(out (int Vertex, IEnumerator<int> Edges) before))
                {
                    low[before.Vertex] = Math.Min(low[before.Vertex], low[at.Vertex]);
                }

                if (low[at.Vertex] == found[at.Vertex])
                {
                    Close(at.Vertex);
                }
            }
        }

        return component;

        void Enter(int vertex)
        {
            found[vertex] = low[vertex] = ++time;
            open.Push(vertex);
            path.Push((vertex, edges[vertex].GetEnumerator()));
        }

        void Close(int root)
        {
            int vertex;
            do
            {
                vertex = open.Pop();
                component[vertex] = components;
            } while (vertex != root);

            components++;
        }
    }
}
