namespace AttentionLab.Cookbook;

/// <summary>Every recipe, in the order of the page: categories as data flows, and in each the simple ones first.</summary>
public static class Recipes
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        new Data.BuiltInPictures(),
        new Data.PicturesOfOneClass(),
        new Data.PartsOfASet(),
        new Data.WalkThroughPictures(),
        new Data.ObjectMasks(),
        new Data.NormalisePictures(),
        new Data.BatchesForYourOwnLoop(),
        new Data.AugmentationStepByStep(),
        new Data.YourOwnAugmentation(),
        new Data.ReadAPhotograph(),
        new Data.FolderOfPictures(),
        new Data.Cifar10OrBuiltIn(),
        new Training.TrainANetwork(),
        new Training.LossOfEveryStep(),
        new Training.WatchATraining(),
        new Training.StopEarly(),
        new Training.OptimiserAndSchedule(),
        new Training.RegulariseATraining(),
        new Training.CompareTwoNetworks(),
        new Training.GoOnFromSavedWeights(),
        new Training.ResumeATraining(),
        new Training.LogForTensorBoard(),
        new Networks.LoadATrainedNetwork(),
        new Networks.NameWhatIsOnAPhotograph(),
        new Networks.AskAboutManyPictures(),
        new Networks.SaveATrainedNetwork(),
        new Networks.WeightsForPyTorch(),
        new Networks.WhatAWeightsFileHolds(),
        new Networks.NetworkFromOnnx(),
        new Networks.OtherAttention(),
        new Networks.YourOwnNetwork(),
        new Networks.DrawANetwork(),
        new Hooks.HookByHand(),
        new Hooks.EveryLayer(),
        new Hooks.OutputOfALayer(),
        new Hooks.FeatureMapsOfALayer(),
        new Hooks.StrongestChannels(),
        new Hooks.GradientsAtALayer(),
        new Hooks.AttentionWeights(),
        new Hooks.SwitchAttentionOff(),
        new Methods.GradCamOfPictures(),
        new Methods.MethodsSideBySide(),
        new Methods.LayersSideBySide(),
        new Methods.FuseLayers(),
        new Methods.ExplainAnotherClass(),
        new Methods.WhyThisAndNotThat(),
        new Methods.SeveralClassesTogether(),
        new Methods.RegionOfASegmentation(),
        new Methods.SmoothAMap(),
        new Methods.CoverPartByPart(),
        new Methods.SignedMaps(),
        new Methods.WhichMethodsApply(),
        new Methods.AMapOfAttention(),
        new Methods.ConceptsOfALayer(),
        new Methods.DoesAConceptCount(),
        new Methods.KeepExplanations(),
        new Figures.MapOverAPicture(),
        new Figures.OutlineTheMap(),
        new Figures.OnlyWhatCounts(),
        new Figures.ChooseColours(),
        new Figures.OneScaleForAll(),
        new Figures.ResizeAMap(),
        new Figures.MapsAsNumbers(),
        new Figures.AnimateLearning(),
        new Figures.LinesAndPoints(),
        new Figures.SaveAFigure(),
        new Figures.TextsInChinese(),
        new Evaluate.AccuracyOfEachClass(),
        new Evaluate.ConfusedClasses(),
        new Evaluate.MostConfidentMistakes(),
        new Evaluate.HowSureIsTheNetwork(),
        new Evaluate.DoesTheMapLieOnTheObject(),
        new Evaluate.CompareMethods(),
        new Evaluate.ReportAsATable(),
        new Evaluate.DeleteWhatCounts(),
        new Evaluate.RandomiseTheNetwork(),
        new Evaluate.ShortcutInTheData(),
        new Reports.PageForEveryone(),
        new Reports.PageOfATraining(),
    ];

    /// <summary>The recipe of a name, in whatever capitals, with spaces or hyphens.</summary>
    /// <exception cref="ArgumentException">There is no such recipe; the message lists those that share a word with
    /// it.</exception>
    public static Recipe Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(recipe => IsName(recipe, name)) ?? throw new ArgumentException(Unknown(name), nameof(name));
    }

    private static bool IsName(Recipe recipe, string name) =>
        name.Equals(recipe.Name, StringComparison.OrdinalIgnoreCase)
        || name.Equals(recipe.Slug, StringComparison.OrdinalIgnoreCase);

    private static string Unknown(string name)
    {
        string[] words = name.ToUpperInvariant().Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        string[] near =
        [
            .. All.Where(recipe => recipe.Slug.ToUpperInvariant().Split('-').Intersect(words).Any())
                .Select(recipe => recipe.Slug),
        ];
        return $"'{name}' is not a recipe. "
            + (near.Length > 0 ? $"Similar are {string.Join(", ", near)}." : "The command without a name lists them all.");
    }
}
