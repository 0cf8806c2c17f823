using System.CommandLine;
using AttentionLab.Benchmarks;
using AttentionLab.Benchmarks.Processes;

var quick = new Option<bool>("--quick") { Description = "Fewer processes and repetitions: under three minutes." };
var only = new Option<string[]>("--only")
{
    Description = $"Only these tables: {string.Join(", ", Tables.All.Select(t => t.Name))}.",
    AllowMultipleArgumentsPerToken = true,
};
only.AcceptOnlyFromAmong([.. Tables.All.Select(t => t.Name)]);
var root = new RootCommand("Measures how fast AttentionLab is, as ratios taken in one run. Run it on an idle machine.")
{
    quick,
    only,
};
root.SetAction(parsed =>
{
    string[] wanted = parsed.GetValue(only) ?? [];
    foreach (ITable table in Tables.All.Where(t => wanted.Length == 0 || wanted.Contains(t.Name)))
    {
        Console.WriteLine($"\n## {table.Title}\n");
        table.Write(Console.Out, parsed.GetValue(quick));
    }
});

// What a table measures in a process of its own, this program starts again with.
var probe = new Command("probe") { Hidden = true };
var name = new Argument<string>("name");
var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
probe.Add(name);
probe.Add(arguments);
probe.SetAction(parsed => Probe.Answer(parsed.GetRequiredValue(name), parsed.GetRequiredValue(arguments)));
root.Add(probe);

return await root.Parse(args).InvokeAsync();
