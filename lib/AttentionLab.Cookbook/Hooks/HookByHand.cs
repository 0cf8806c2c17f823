namespace AttentionLab.Cookbook.Hooks;

internal sealed class HookByHand : Recipe
{
    public override string Name => "A hook by hand";

    public override string Sentence => "Reads what a layer outputs while the network runs; call runs hooks, forward does not.";

    protected override void Execute()
    {
        var hook = model.conv1.register_forward_hook(
            (layer, x, y) =>
            {
                display($"{layer.GetName()}: {string.Join("×", x.shape)} in, {string.Join("×", y.shape)} out");
                return y;
            }
        );

        model.call(input);
        hook.remove();
    }
}
