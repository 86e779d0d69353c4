// A "Greycloak" button on the patient, study and series pages of Orthanc Explorer: it opens Greycloak's page.
(function () {
  var levels = {patient: 'patients', study: 'studies', series: 'series'};

  $.each(levels, function (page, level) {
    $('#' + page).live('pagebeforecreate', function () {
      var button = $('<a>')
        .attr('id', page + '-greycloak')
        .attr('data-role', 'button')
        .attr('href', '#')
        .attr('data-icon', 'star')
        .attr('data-theme', 'e')
        .text('Greycloak: anonymize');
      button.insertBefore($('#' + page + '-delete').parent().parent());
      button.click(function (event) {
        event.preventDefault();
        if ($.mobile.pageData) {
          window.open('../greycloak/page/index.html?' + level + '=' + $.mobile.pageData.uuid);
        }
      });
    });
  });
})();
