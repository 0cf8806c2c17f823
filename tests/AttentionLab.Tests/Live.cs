using TorchSharp;

namespace AttentionLab.Tests;

/// <summary>Counts the native tensors that an action leaves behind, and hooks.</summary>
internal static class Live
{
    /// <summary>
    /// This thread's tensors. The count of the whole process (<c>Tensor.TotalCount</c>) falls whenever the garbage collector
    /// finds tensors that another test forgot, at any moment: it cannot be compared.
    /// </summary>
    public static long Tensors => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public static void AssertNothingLeaks(Action action)
    {
        action(); // what is made once and kept
        long before = Tensors;
        for (int i = 0; i < 5; i++)
        {
            action();
        }

        Assert.Equal(before, Tensors);
    }

    public static int HooksOn(torch.nn.Module model)
    {
        int hooks = 0;
        foreach (torch.nn.Module module in model.named_modules().Select(part => part.module).Append(model))
        {
            foreach (string field in new[] { "pre_hooks", "post_hooks", "module_pre_hooks", "module_post_hooks" })
            {
                hooks +=
                    (
                        module.GetType().GetProperty(field) is null
                            ? FindField(module.GetType(), field)?.GetValue(module) as System.Collections.ICollection
                            : null
                    )?.Count
                    ?? 0;
            }
        }

        return hooks;
    }

    private static System.Reflection.FieldInfo? FindField(Type? type, string name)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (
                type.GetField(
                    name,
                    System.Reflection.BindingFlags.Instance
                        | System.Reflection.BindingFlags.NonPublic
                        | System.Reflection.BindingFlags.DeclaredOnly
                ) is
                { } field
            )
            {
                return field;
            }
        }

        return null;
    }
}
