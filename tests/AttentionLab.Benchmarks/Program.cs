using System.CommandLine;
using AttentionLab.Benchmarks;
using AttentionLab.Benchmarks.Processes;
using AttentionLab.Models;

var quick = new Option<bool>("--quick") { Description = "Fewer processes and repetitions: under three minutes." };
var only = new Option<string[]>("--only")
{
    Description = $"Only these tables: {string.Join(", ", Tables.All.Select(t => t.Name))}.",
    AllowMultipleArgumentsPerToken = true,
};
only.AcceptOnlyFromAmong([.. Tables.All.Select(t => t.Name)]);
var data = new Option<string>("--data")
{
    Description = "CIFAR-10's folder, for the tables accuracy and few.",
    DefaultValueFactory = _ => Tables.Accuracy.Data,
};
var presets = new Option<string[]>("--preset")
{
    Description = "The presets of the table accuracy.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Tables.Accuracy.Chosen,
};
presets.AcceptOnlyFromAmong([.. AccuracyTable.PresetNames]);
var networks = new Option<string[]>("--model")
{
    Description = "The networks of the table accuracy.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Tables.Accuracy.Architectures,
};
networks.AcceptOnlyFromAmong([.. NetworkArchitecture.Names]);
var seeds = new Option<int[]>("--seed")
{
    Description = "The seeds of the table accuracy.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Tables.Accuracy.Seeds,
};
var epochs = new Option<int?>("--epochs") { Description = "Epochs of the table accuracy instead of the preset's." };
var rows = new Option<string[]>("--row")
{
    Description = "Only rows of the table checkpoints whose titles hold one of these texts.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => Tables.Checkpoints.Rows,
};
var processes = new Option<int?>("--processes") { Description = "How many processes measure the table checkpoints." };
var root = new RootCommand("Measures how fast AttentionLab is, as ratios taken in one run. Run it on an idle machine.")
{
    quick,
    only,
    data,
    presets,
    networks,
    seeds,
    epochs,
    rows,
    processes,
};
root.SetAction(parsed =>
{
    Tables.Accuracy.Data = parsed.GetRequiredValue(data);
    Tables.Accuracy.Chosen = parsed.GetRequiredValue(presets);
    Tables.Accuracy.Architectures = parsed.GetRequiredValue(networks);
    Tables.Accuracy.Seeds = parsed.GetRequiredValue(seeds);
    Tables.Accuracy.Epochs = parsed.GetValue(epochs);
    Tables.Checkpoints.Rows = parsed.GetRequiredValue(rows);
    Tables.Checkpoints.Processes = parsed.GetValue(processes);
    string[] wanted = parsed.GetValue(only) ?? [];
    foreach (ITable table in Tables.All.Where(t => wanted.Length == 0 ? !t.IsOnRequest : wanted.Contains(t.Name)))
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
